"""What the tests of the server have in common."""

import pytest


@pytest.fixture
def refused():
    """A function that awaits a request which is refused: the status of the answer."""
    from tornado.httpclient import HTTPClientError

    async def code(request) -> int:
        with pytest.raises(HTTPClientError) as error:
            await request
        return error.value.code

    return code
