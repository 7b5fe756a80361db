"""From a read article to events: one generic engine, with frames and grammar as data. docs/coding.md tells the steps.

mentions, persons, phrases      whose each name is; `nominative`, `surnames`, `name_spans` help with persons
repair, predicates, triggers    who does what in a clause, and the words that may tell of an event
slots, needs, actors, places    which dependents a frame takes, and which states they are
discourse, references, earlier  what was said before, and whom words without a name mean
parties, speech, unnamed        source and target of an act
engine, content                 the frame that fits; what is only the content of speech falls away
entities                        what a coded article names, with spans
status, timing                  whether, when and where
frames/, grammar/               the knowledge, as TOML
"""
