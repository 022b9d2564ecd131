"""A supervisor over stand-in children: `stand_in_stack.py FOLDER OPTIONS`; FOLDER/broken-NAME makes one end at once,
FOLDER/unprepared lets the preparation fail.

Children: `store` and `broker`, and `worker`, which needs both, falls with the broker and has a child of its own.
"""

import sys
from pathlib import Path

from cli.stack.child_plan import ChildPlan, answers, launcher
from cli.stack.embedded import EmbeddedPlan
from cli.stack.layout import StackFolder
from cli.stack.options import StackOptions
from cli.stack.ports import free_ports
from cli.stack.supervisor import supervise

_CHILD = """
import http.server, pathlib, subprocess, sys
name, folder, port = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
if (folder / f"broken-{name}").exists():
    sys.exit(f"{name} cannot open its book")
if name == "worker":
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "helper.pid").write_text(str(helper.pid))
class Face(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", port), Face).serve_forever()
"""


def plan(folder: StackFolder) -> EmbeddedPlan:
    async def prepare() -> None:
        if (folder.path / "unprepared").exists():
            raise OSError("the book has no pages")

    names = ["store", "broker", "worker"]
    ports = dict(zip(names, free_ports(3), strict=True))
    children = [
        ChildPlan(
            name=name,
            launch=launcher(
                [sys.executable, "-c", _CHILD, name, str(folder.path), str(ports[name])],
                {},
                folder.log_path(name),
            ),
            is_ready=answers(ports[name], "/"),
            log_path=folder.log_path(name),
            needs=("store", "broker") if name == "worker" else (),
            falls_with=("broker",) if name == "worker" else (),
            prepare=prepare,
        )
        for name in names
    ]
    addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    return EmbeddedPlan(children, addresses, databases={}, client_secrets={})


if __name__ == "__main__":
    StackOptions.from_json(sys.argv[2])
    sys.exit(supervise(Path(sys.argv[1]), plan, print))
