"""A dead member taken out of its consumer group at once, as the broker would do when its session has run out."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.group import LeaveGroupRequest

EXPELLED_CLIENT = "throughcare-tests-expel"


async def expel_all(bootstrap: str, group: str) -> int:
    """Take every member out of a group whose members are all dead. Returns how many there were."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id=EXPELLED_CLIENT)
    await admin.start()
    try:
        try:
            node = await admin.find_coordinator(group)
        except GroupCoordinatorNotAvailableError:  # the broker has never had a group
            return 0
        described = await admin.describe_consumer_groups([group], node)
        members = [member[0] for response in described for found in response.groups for member in found[5]]
        for member in members:
            await admin._send_request(LeaveGroupRequest(group, member), node)
    finally:
        await admin.close()
    return len(members)
