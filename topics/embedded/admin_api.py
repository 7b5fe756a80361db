"""Making, changing and deleting topics, and their settings."""

from __future__ import annotations

from topics.embedded.configs import TOPIC_CONFIGS, TopicConfig
from topics.embedded.errors import ErrorCode, Refused
from topics.embedded.handling import Handlers, Request, outcome
from topics.embedded.settings import BrokerSettings
from topics.embedded.topics import TopicRegistry
from topics.embedded.wire import ApiKey, Fields

NODE_ID = 1
TOPIC_RESOURCE = 2
BROKER_RESOURCE = 4
SOURCE_TOPIC = 1
SOURCE_STATIC_BROKER = 4
SOURCE_DEFAULT = 5
HIGH_WATERMARK = -1


class AdminApi:
    """The requests of an administrator's client about topics."""

    def __init__(self, topics: TopicRegistry, settings: BrokerSettings) -> None:
        self._topics = topics
        self._settings = settings

    def handlers(self) -> Handlers:
        return {
            ApiKey.CREATE_TOPICS: self.create_topics,
            ApiKey.DELETE_TOPICS: self.delete_topics,
            ApiKey.CREATE_PARTITIONS: self.create_partitions,
            ApiKey.DELETE_RECORDS: self.delete_records,
            ApiKey.DESCRIBE_CONFIGS: self.describe_configs,
            ApiKey.ALTER_CONFIGS: self.alter_configs,
        }

    async def create_topics(self, request: Request) -> Fields:
        dry = bool(request.fields.get("validate_only", False))
        return {
            "topic_errors": [
                {"topic": wanted["topic"], **outcome(self._create, wanted, dry=dry)}
                for wanted in request.fields["create_topic_requests"]
            ]
        }

    def _create(self, wanted: Fields, *, dry: bool) -> None:
        assignment = wanted["replica_assignment"]
        partitions: int = wanted["num_partitions"]
        if assignment:
            numbers = sorted(each["partition_id"] for each in assignment)
            if partitions != -1 or wanted["replication_factor"] != -1:
                raise Refused(ErrorCode.INVALID_REQUEST, "both numbers and an assignment are given")
            if numbers != list(range(len(numbers))) or any(each["replicas"] != [NODE_ID] for each in assignment):
                raise Refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, f"the only node is {NODE_ID}")
            partitions = len(numbers)
        elif wanted["replication_factor"] not in (-1, 1):
            raise Refused(
                ErrorCode.INVALID_REPLICATION_FACTOR,
                f"Replication factor: {wanted['replication_factor']} larger than available brokers: 1.",
            )
        config = {each["config_key"]: each["config_value"] for each in wanted["configs"]}
        self._topics.create(wanted["topic"], partitions, config, dry=dry)

    async def delete_topics(self, request: Request) -> Fields:
        return {
            "topic_error_codes": [
                {"topic": name, **outcome(self._topics.delete, name)} for name in request.fields["topics"]
            ]
        }

    async def create_partitions(self, request: Request) -> Fields:
        dry = bool(request.fields["validate_only"])
        results = []
        for wanted in request.fields["topic_partitions"]:
            name, count = wanted["topic"], wanted["new_partitions"]["count"]
            results.append({"topic": name, **outcome(self._topics.expand, name, count, dry=dry)})
        return {"topic_errors": results}

    async def delete_records(self, request: Request) -> Fields:
        topics = []
        for topic in request.fields["topics"]:
            partitions = []
            for wanted in topic["partitions"]:
                error, start = ErrorCode.NONE, -1
                try:
                    start = self._delete_before(topic["name"], wanted["partition_index"], wanted["offset"])
                except Refused as refused:
                    error = refused.code
                partitions.append(
                    {"partition_index": wanted["partition_index"], "low_watermark": start, "error_code": error}
                )
            topics.append({"name": topic["name"], "partitions": partitions})
        return {"topics": topics}

    def _delete_before(self, topic: str, partition: int, offset: int) -> int:
        log = self._topics.partition(topic, partition)
        if not log.config.deleted:
            raise Refused(ErrorCode.POLICY_VIOLATION, "records of a compacted topic are not deleted by offset")
        if offset == HIGH_WATERMARK:
            offset = log.end_offset
        if not 0 <= offset <= log.end_offset:
            raise Refused(ErrorCode.OFFSET_OUT_OF_RANGE, f"{offset} not in 0..{log.end_offset}")
        log.delete_before(offset)
        return log.start_offset

    async def describe_configs(self, request: Request) -> Fields:
        resources = []
        for wanted in request.fields["resources"]:
            entries: list[Fields] = []
            resources.append(
                {
                    **outcome(self._describe, wanted, entries),
                    "resource_type": wanted["resource_type"],
                    "resource_name": wanted["resource_name"],
                    "config_entries": entries,
                }
            )
        return {"resources": resources}

    def _describe(self, wanted: Fields, found: list[Fields]) -> None:
        """Add a resource's settings, or those of them that are asked for, to `found`."""
        names: list[str] | None = wanted["config_names"]
        if wanted["resource_type"] == TOPIC_RESOURCE:
            topic = self._topics.get(wanted["resource_name"])
            if topic is None:
                raise Refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, wanted["resource_name"])
            entries = [_topic_entry(topic.config, name) for name in TOPIC_CONFIGS]
        elif wanted["resource_type"] == BROKER_RESOURCE and wanted["resource_name"] in ("", str(NODE_ID)):
            create = str(self._settings.auto_create_topics).lower()
            entries = [
                _entry("auto.create.topics.enable", create, SOURCE_STATIC_BROKER),
                _entry("broker.id", str(NODE_ID), SOURCE_STATIC_BROKER),
                _entry("num.partitions", str(self._settings.default_partitions), SOURCE_STATIC_BROKER),
            ]
        else:
            raise Refused(ErrorCode.INVALID_REQUEST, f"no resource {wanted['resource_name']!r} of that type")
        found.extend(entry for entry in entries if names is None or entry["config_names"] in names)

    async def alter_configs(self, request: Request) -> Fields:
        dry = bool(request.fields["validate_only"])
        return {
            "resources": [
                {
                    **outcome(self._alter, wanted, dry=dry),
                    "resource_type": wanted["resource_type"],
                    "resource_name": wanted["resource_name"],
                }
                for wanted in request.fields["resources"]
            ]
        }

    def _alter(self, wanted: Fields, *, dry: bool) -> None:
        if wanted["resource_type"] != TOPIC_RESOURCE:
            raise Refused(ErrorCode.INVALID_REQUEST, "only the settings of topics can be altered")
        config = {each["config_name"]: each["config_value"] for each in wanted["config_entries"]}
        self._topics.configure(wanted["resource_name"], config, dry=dry)


def _topic_entry(config: TopicConfig, name: str) -> Fields:
    return _entry(name, config.value(name), SOURCE_TOPIC if name in config.given else SOURCE_DEFAULT)


def _entry(name: str, value: str, source: int) -> Fields:
    return {
        "config_names": name,
        "config_value": value,
        "read_only": source == SOURCE_STATIC_BROKER,
        "is_default": source == SOURCE_DEFAULT,
        "config_source": source,
        "is_sensitive": False,
        "config_synonyms": [],
    }
