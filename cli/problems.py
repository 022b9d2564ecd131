"""What a service said no with (problem+json, RFC 9457), or that it could not be reached, told to a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.exits import Exit
from cli.words import Lang, say

_SHOWN_ELSEWHERE = frozenset(
    {"type", "title", "title_zh", "status", "code", "article", "fix", "fix_zh", "trace_id", "errors"}
)


@dataclass
class ServiceProblem(Exception):
    """A service refused a request; ``facts`` are the members beyond the usual ones (state, limit, needs …)."""

    status: int
    request: str
    code: str = ""
    title: str = ""
    title_zh: str = ""
    article: str = ""
    fix: str = ""
    fix_zh: str = ""
    trace_id: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, answer: httpx.Response) -> "ServiceProblem":
        """Reads a refusal; whatever stands in the way (a proxy's page) is told by its status alone."""
        request = f"{answer.request.method} {answer.request.url.path}"
        try:
            body: Any = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return cls(answer.status_code, request, title=answer.reason_phrase, title_zh=answer.reason_phrase)
        text = {name: str(body.get(name, "")) for name in ("code", "article", "fix", "fix_zh", "trace_id")}
        title = str(body.get("title", answer.reason_phrase))
        return cls(
            answer.status_code,
            request,
            title=title,
            title_zh=str(body.get("title_zh", title)),
            errors=[each for each in body.get("errors", []) if isinstance(each, dict)],
            facts={name: value for name, value in body.items() if name not in _SHOWN_ELSEWHERE},
            **text,
        )

    @property
    def exit_code(self) -> Exit:
        """The exit code this refusal ends a command with."""
        if self.status >= 500:
            return Exit.UNREACHABLE
        return Exit.CANNOT_READ if self.status in {400, 411, 413, 422} else Exit.NOT_ALLOWED

    def __str__(self) -> str:
        return f"{self.request}: {self.status} {self.code} {self.title}".strip()


@dataclass
class ServiceUnreachable(Exception):
    """A service did not answer in all the tries patience allowed; ``reason`` names the last failure."""

    address: str
    tries: int
    seconds: float
    reason: str

    exit_code = Exit.UNREACHABLE

    def __str__(self) -> str:
        return f"{self.address}: no answer after {self.tries} tries in {self.seconds:.0f} s ({self.reason})"


@dataclass
class SignInRefused(Exception):
    """The issuer gave no token; ``reason`` is its error code, never a secret."""

    issuer: str
    reason: str

    exit_code = Exit.NOT_ALLOWED

    def __str__(self) -> str:
        return f"{self.issuer} gave no token: {self.reason}"


ClientFault = ServiceProblem | ServiceUnreachable | SignInRefused
CLIENT_FAULTS = (ServiceProblem, ServiceUnreachable, SignInRefused)


def told(fault: ClientFault, lang: Lang) -> list[str]:
    """What happened, where, under which article, and how to mend it: one line each."""
    match fault:
        case ServiceProblem():
            return _told_problem(fault, lang)
        case ServiceUnreachable():
            return [
                say(
                    lang,
                    f"服务无法连接:{fault.address}(尝试 {fault.tries} 次,{fault.seconds:.0f} 秒)",
                    f"The service cannot be reached: {fault.address} ({fault.tries} tries, {fault.seconds:.0f} s)",
                ),
                say(lang, f"原因:{fault.reason}", f"why: {fault.reason}"),
                say(
                    lang,
                    "办法:稍后用同样的命令重试;重试不会造成重复报送",
                    "fix: run the same command again later; a retry never submits twice",
                ),
            ]
        case SignInRefused():
            return [
                say(lang, f"无法取得访问令牌:{fault.issuer}", f"No access token was given by {fault.issuer}"),
                say(lang, f"原因:{fault.reason}", f"why: {fault.reason}"),
                say(
                    lang,
                    "办法:核对客户端标识与密钥(XUEWEI_CLIENT_ID、XUEWEI_CLIENT_SECRET)",
                    "fix: check client id and secret (XUEWEI_CLIENT_ID, XUEWEI_CLIENT_SECRET)",
                ),
            ]


def _told_problem(problem: ServiceProblem, lang: Lang) -> list[str]:
    article = problem.article and say(lang, f",第{problem.article}条", f", Article {problem.article}")
    code = f"({problem.code or problem.status}{article})"
    lines = [say(lang, f"{problem.title_zh}{code}", f"{problem.title} {code}")]
    lines.append(say(lang, f"位置:{problem.request}", f"where: {problem.request}"))
    for error in problem.errors[:10]:
        lines.append(f"  {error.get('where', '')}: {error.get('text') or error.get('rule', '')}")
    lines += [f"  {name}: {_plain(value)}" for name, value in problem.facts.items()]
    fix = say(lang, problem.fix_zh, problem.fix)
    if fix:
        lines.append(say(lang, f"办法:{fix}", f"fix: {fix}"))
    if problem.status >= 500 and problem.trace_id:
        lines.append(f"trace_id: {problem.trace_id}")
    return lines


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
