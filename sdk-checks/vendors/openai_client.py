"""The client of the checks of `openai`, and what becomes of its trouble."""

import openai
from shared import BASE, KNOWN, raises, suffers, trouble

client = openai.OpenAI(base_url=f"{BASE}/v1", api_key="not-a-key", max_retries=0)


def endures(said, stream):
    """Of both calls, which give the words of an answer to `TOLD` by a client: what goes wrong is a typed error, and a retry
    helps."""
    hasty, patient = client.with_options(timeout=0.6), client.with_options(max_retries=1)
    suffers(
        {
            "429:1s": openai.RateLimitError, "500": openai.InternalServerError, "529": openai.InternalServerError,
            "cut": openai.APIConnectionError, "reset": openai.APIConnectionError,
        },
        said=said, stream=stream,
    )
    suffers({"slow-first:5s": openai.APITimeoutError}, said=lambda: said(by=hasty), stream=lambda: stream(by=hasty))
    with trouble("slow-first:50ms slow-words:5ms"):
        assert said() == stream() == KNOWN
    with trouble("429:1s"):
        limited = raises(openai.RateLimitError, said, status_code=429, code="rate_limit_exceeded")
        assert limited.response.headers["retry-after"] == "1" and limited.request_id.startswith("req_"), limited
    with trouble("429:1s"):
        assert said(by=patient) == KNOWN
