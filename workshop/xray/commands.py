"""Las órdenes a Redis: cuál y sobre qué clave, nunca los valores."""

import re
import sys
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanKind

from workshop.xray import recording
from workshop.xray.live import Current, LiveSpan, Tracer

SCOPE = "workshop.redis"
NIL = "comanda.nil"
_tracer = Tracer(SCOPE)
_ready = False

# Whose first argument is a key. Of any other command only the name is told: its arguments may be values.
_FIRST_IS_A_KEY = """
APPEND BLMOVE BLPOP BRPOP DECR DECRBY DEL DUMP EXISTS EXPIRE EXPIREAT EXPIRETIME GET GETBIT GETDEL GETEX
GETRANGE GETSET HDEL HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HSCAN HSET HSETNX
HVALS INCR INCRBY INCRBYFLOAT LINDEX LINSERT LLEN LMOVE LPOP LPUSH LPUSHX LRANGE LREM LSET LTRIM MGET MSET
MSETNX PERSIST PEXPIRE PEXPIREAT PFADD PFCOUNT PSETEX PTTL PUBLISH RENAME RPOP RPUSH RPUSHX SADD SCARD SET
SETBIT SETEX SETNX SETRANGE SISMEMBER SMEMBERS SMISMEMBER SPOP SRANDMEMBER SREM SSCAN STRLEN TOUCH TTL TYPE
UNLINK WATCH XACK XADD XDEL XLEN XPENDING XRANGE XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZINCRBY ZPOPMAX ZPOPMIN
ZRANGE ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYSCORE ZREVRANGE ZREVRANK ZSCAN ZSCORE
"""
_KEYED = frozenset(_FIRST_IS_A_KEY.split())
_SCRIPTS = frozenset({"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO"})
# A session's token, a job's id: different in each run, and secret in a real one.
_RANDOM = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?=[^:]*[\dA-Z])[\w-]{20,}")


def install() -> None:
    """Wraps redis-py, if somebody here uses it, once per process."""
    global _ready  # noqa: PLW0603  # patching a class happens once per process
    if _ready or "redis" not in sys.modules:
        return
    _ready = True
    from redis.asyncio import client as later
    from redis.client import Pipeline, Redis

    for owner, wrap in ((Redis, _traced), (later.Redis, _traced_async)):
        owner.execute_command = wrap(owner.execute_command, _one)  # type: ignore[method-assign]
    for pipeline, wrap in ((Pipeline, _traced), (later.Pipeline, _traced_async)):
        pipeline.immediate_execute_command = wrap(  # type: ignore[method-assign]
            pipeline.immediate_execute_command, _one
        )
        pipeline.execute = wrap(pipeline.execute, _many)  # type: ignore[method-assign]


def told(command: Sequence[Any]) -> str:
    """`GET menu:1`: the command and the key it works on, if it does on one."""
    name = str(command[0]).upper()
    keys: Sequence[Any] = ()
    if name in _KEYED:
        keys = command[1:2]
    elif name in _SCRIPTS and len(command) > 3 and int(command[2]):
        keys = command[3:4]
    return " ".join((name, *map(_key, keys)))


def _key(key: Any) -> str:
    first = key[0] if isinstance(key, (list, tuple)) and key else key
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    return _RANDOM.sub("…", text)


def _one(client: Any, command: Sequence[Any]) -> str:
    return told(command)


def _many(pipeline: Any, nothing: Sequence[Any]) -> str:
    commands = [told(getattr(entry, "args", None) or entry[0]) for entry in pipeline.command_stack]
    if not commands:
        return ""
    first = "MULTI" if _transactional(pipeline) else "en un viaje"
    return f"{first}: {', '.join(commands)}"


def _transactional(pipeline: Any) -> bool:
    return bool(getattr(pipeline, "transaction", getattr(pipeline, "is_transaction", False)))


def _traced(run: Callable[..., Any], tell: Callable[[Any, Sequence[Any]], str]) -> Any:
    @wraps(run)
    def traced(self: Any, *arguments: Any, **options: Any) -> Any:
        if not _of_interest() or not (name := tell(self, arguments)):
            return run(self, *arguments, **options)
        with _span(name) as span:
            return _noted(span, run(self, *arguments, **options))

    return traced


def _traced_async(run: Callable[..., Any], tell: Callable[[Any, Sequence[Any]], str]) -> Any:
    @wraps(run)
    async def traced(self: Any, *arguments: Any, **options: Any) -> Any:
        if not _of_interest() or not (name := tell(self, arguments)):
            return await run(self, *arguments, **options)
        with _span(name) as span:
            return _noted(span, await run(self, *arguments, **options))

    return traced


def _of_interest() -> bool:
    """What RQ says to Redis in order to enqueue is told by the span of the queue."""
    if not recording.active:
        return False
    around = trace.get_current_span()
    return isinstance(around, LiveSpan) and around.kind is not SpanKind.PRODUCER


def _span(name: str) -> Current:
    attributes = {"db.system.name": "redis", "db.operation.name": name.partition(" ")[0]}
    start = partial(_tracer.start_span, name, None, SpanKind.CLIENT, attributes)
    return Current(start, True, True, True)


def _noted(span: Any, answer: Any) -> Any:
    if answer is None:
        span.set_attribute(NIL, True)
    return answer
