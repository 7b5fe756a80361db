"""The HTTP API under /api/v1: the read model as JSON and CSV, and as a stream of what changes.

app             all of it put together      parameters  what requests may ask, with its limits
dyads, events,  the routes                  problems    errors as problem+json
states, health,                             forms       CSV, ETag and gzip, for every answer alike
stream                                      document    the OpenAPI document
"""
