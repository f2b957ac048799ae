"""Replay has one order, so one reader: of several replicas one holds every partition, the others stand by."""

from collections.abc import Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata


class SoleReader(RangePartitionAssignor):  # type: ignore[misc]  # aiokafka is untyped
    """Gives every partition to the first member by id."""

    name = "throughcare-sole-reader"

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Every partition for one member, nothing for the others."""
        reader = min(members)
        nothing = ConsumerProtocolMemberAssignment(cls.version, [], b"")
        found: dict[str, ConsumerProtocolMemberAssignment] = dict.fromkeys(members, nothing)
        found.update(super().assign(cluster, {reader: members[reader]}))
        return found
