"""Empty topics on a broker that is ours to empty, as a test or a new demonstration wants them. Deleting and
making all of them takes a tenth of a second, a fresh broker four."""

import asyncio

from deploy import topics


async def make_fresh(bootstrap: str, time: topics.TimeMode, partitions: int) -> None:
    """Delete every topic of ours with all that is in it, then make them anew. Offsets that groups had
    committed for them go with them."""
    async with topics.admin(bootstrap) as client:
        ours = [topic for topic in await client.list_topics() if topic in topics.TOPICS]
        if ours:
            await client.delete_topics(ours)
        async with asyncio.timeout(topics.READY_SECONDS):
            while set(await client.list_topics()) & set(ours):  # noqa: ASYNC110 - the broker has to be asked
                await asyncio.sleep(0.02)
        await topics.create(client, topics.TOPICS, time, partitions, replication=1)
