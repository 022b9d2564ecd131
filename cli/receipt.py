"""`xuewei receipt get` and `xuewei receipt verify`: the proof of filing (回执), fetched and checked."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.access import AccessUnknown, BatchArgument, ConfigOption, FolderOption, UnitOption, find_access
from cli.client import Client
from cli.desks import UnitDesk, digest_of
from cli.exits import Exit, UnitApp, leave
from cli.problems import CLIENT_FAULTS, told
from cli.receipt_keys import KeysUnreadable, read_keys
from cli.stack.layout import DEFAULT_FOLDER
from cli.words import Lang, LangOption, chosen, say
from contracts.receipts import ReceiptFault, VerifiedReceipt, verify_receipt

receipt = UnitApp("Fetch and verify receipts 领取与核验回执")

_FAULTS = {
    ReceiptFault.NOT_A_RECEIPT: ("不是回执文件", "this is not a receipt"),
    ReceiptFault.KEY_UNKNOWN: (
        "签名所用公钥不在给出的公钥中",
        "it was signed with a key that is not among the given ones",
    ),
    ReceiptFault.SIGNATURE_WRONG: (
        "签名不符:内容在签发后被改动",
        "the signature does not hold: the content was changed after it was signed",
    ),
}


@receipt.command()
def get(
    batch_id: BatchArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="where the receipt goes 保存到")],
    round_: Annotated[
        int | None, typer.Option("--round", min=1, help="which round; the latest filed 轮次")
    ] = None,
    config: ConfigOption = None,
    folder: FolderOption = DEFAULT_FOLDER,
    unit: UnitOption = None,
    lang: LangOption = None,
) -> None:
    """Fetch the receipt of a filed batch, byte for byte 领取回执.

    Exit codes: 0 fetched, 1 not filed yet, 2 cannot write, 3 not allowed or unknown, 4 unreachable, 64 usage.
    """
    language = chosen(lang)
    try:
        access = find_access(config, folder, unit)
        content = asyncio.run(_fetch(access.collector_url, access.tokens, batch_id, round_))
    except AccessUnknown as unknown:
        raise typer.BadParameter(str(unknown)) from None
    except CLIENT_FAULTS as fault:
        leave(told(fault, language), fault.exit_code)
    if content is None:
        leave(
            [say(language, "该批次尚未备案,没有回执", "nothing is filed yet: there is no receipt")],
            Exit.FINDINGS,
        )
    try:
        output.write_bytes(content)
    except OSError as refused:
        leave([f"{output}: {refused.strerror}"], Exit.CANNOT_READ)
    typer.echo(say(language, f"回执已保存:{output}", f"receipt saved: {output}"))


@receipt.command()
def verify(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="the receipt 回执文件")],
    keys: Annotated[
        str | None, typer.Option("--keys", help="JWK set: a file, or an https address 公钥文件或网址")
    ] = None,
    original: Annotated[
        Path | None, typer.Option(help="also compare the uploaded file's digest 一并核对原始文件")
    ] = None,
    scan: Annotated[
        Path | None, typer.Option(help="also compare the resolution scan's digest 一并核对决议扫描件")
    ] = None,
    folder: FolderOption = DEFAULT_FOLDER,
    lang: LangOption = None,
) -> None:
    """Verify a receipt's signature, offline with a key file 核验回执签名.

    Without --keys those of the local stack in --folder. Exit codes: 0 valid, 1 not valid, 2 unreadable.
    """
    language = chosen(lang)
    try:
        data = path.read_bytes()
        public = read_keys(keys, folder)
        given = {"original": original, "scan": scan}
        digests = {
            name: digest_of(given_path) for name, given_path in given.items() if given_path is not None
        }
    except OSError as refused:
        leave([f"{refused.filename}: {refused.strerror}"], Exit.CANNOT_READ)
    except KeysUnreadable as refused:
        leave([str(refused)], Exit.CANNOT_READ)
    outcome = verify_receipt(data, public)
    if isinstance(outcome, ReceiptFault):
        code = Exit.CANNOT_READ if outcome is ReceiptFault.NOT_A_RECEIPT else Exit.FINDINGS
        leave([say(language, "无效:", "not valid: ") + say(language, *_FAULTS[outcome])], code)
    told_digests: Mapping[str, Any] = outcome.receipt.get("digests", {})
    other = [name for name, digest in digests.items() if told_digests.get(name) != digest]
    if other:
        text = say(
            language,
            f"签名有效,但回执所指的不是所给文件:{', '.join(other)}",
            f"the signature holds, but the receipt is about another file: {', '.join(other)}",
        )
        leave([text], Exit.FINDINGS)
    typer.echo("\n".join(describe(outcome, language)))
    for name in digests:
        typer.echo(say(language, f"  {name}:与回执摘要一致", f"  {name}: is the file the receipt names"))


def describe(verified: VerifiedReceipt, lang: Lang) -> list[str]:
    """A valid receipt for a person."""
    said = verified.receipt
    unit, category = said["unit"], said["category"]
    names = {
        "filing_number": ("备案号", "filing number"),
        "unit": ("学位授予单位", "unit"),
        "category": ("采集类别", "category"),
        "resolution_number": ("决议", "resolution"),
        "filed_count": ("备案条数", "records filed"),
        "filed_at": ("备案时间", "filed at"),
        "batch_id": ("批次与轮次", "batch, round"),
        "merkle_root": ("记录根摘要", "merkle root"),
        "key": ("签名公钥", "signing key"),
    }
    values = {
        **said,
        "unit": f"{unit['code']} {unit['name']}",
        "category": f"{category['code']} {category['name']}",
        "batch_id": f"{said['batch_id']} / {said['round']}",
        "key": verified.key_id,
    }
    head = say(lang, "有效:签名与公布的公钥相符", "valid: the signature holds under a published key")
    return [head, *(f"  {say(lang, *names[name])}: {values[name]}" for name in names)]


async def _fetch(url: str, tokens: Any, batch_id: str, round_: int | None) -> bytes | None:
    async with Client(url, tokens) as client:
        desk = UnitDesk(client)
        filed = [each.round for each in (await desk.batch(batch_id)).filings]
        wanted = round_ or max(filed, default=0)
        return await desk.receipt(batch_id, wanted) if wanted in filed else None
