"""What a client asks first: the versions served, the node and its topics, where a coordinator is."""

from __future__ import annotations

from topics.embedded.admin_api import NODE_ID
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.handling import Handlers, Request
from topics.embedded.settings import BrokerSettings
from topics.embedded.topics import TopicRegistry
from topics.embedded.wire import VERSIONS, ApiKey, Fields


class ClusterApi:
    """Api versions, metadata, find coordinator: everything is this one node."""

    def __init__(self, topics: TopicRegistry, settings: BrokerSettings, cluster_id: str, host: str, port: int) -> None:
        self._topics = topics
        self._settings = settings
        self._cluster_id = cluster_id
        self._host = host
        self._port = port

    def handlers(self) -> Handlers:
        return {
            ApiKey.API_VERSIONS: self.api_versions,
            ApiKey.METADATA: self.metadata,
            ApiKey.FIND_COORDINATOR: self.find_coordinator,
        }

    async def api_versions(self, _request: Request) -> Fields:
        versions = [
            {"api_key": key, "min_version": lowest, "max_version": highest}
            for key, (lowest, highest) in VERSIONS.items()
        ]
        return {"error_code": ErrorCode.NONE, "api_versions": versions}

    async def metadata(self, request: Request) -> Fields:
        names: list[str] | None = request.fields["topics"]
        if names is None or (request.version == 0 and not names):  # null asks for all; version 0 has no null
            names = [topic.name for topic in self._topics]
        create = self._settings.auto_create_topics and request.fields.get("allow_auto_topic_creation", True)
        return {
            "brokers": [{"node_id": NODE_ID, "host": self._host, "port": self._port, "rack": None}],
            "cluster_id": self._cluster_id,
            "controller_id": NODE_ID,
            "topics": [self._topic(name, create=create) for name in names],
        }

    def _topic(self, name: str, *, create: bool) -> Fields:
        error = ErrorCode.NONE
        topic = self._topics.get(name)
        if topic is None:
            error = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            if create:
                try:
                    self._topics.create(name)
                    error = ErrorCode.NONE
                except Refused as refused:
                    error = refused.code
                topic = self._topics.get(name)
        return {
            "error_code": error,
            "topic": name,
            "is_internal": False,
            "partitions": [
                {
                    "error_code": ErrorCode.NONE,
                    "partition": number,
                    "leader": NODE_ID,
                    "replicas": [NODE_ID],
                    "isr": [NODE_ID],
                    "offline_replicas": [],
                }
                for number in range(0 if topic is None else len(topic.partitions))
            ],
        }

    async def find_coordinator(self, _request: Request) -> Fields:
        return {
            "error_code": ErrorCode.NONE,
            "error_message": None,
            "coordinator_id": NODE_ID,
            "host": self._host,
            "port": self._port,
        }
