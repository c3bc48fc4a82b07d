"""`python -m bot` is the command `readalso`."""

import os
import signal
import sys
from functools import partial


def main() -> None:
    """Run the command; Ctrl+C and a terminal or disk that fails end it with one line."""
    # With another handler than Python's own, asyncio does not put the interrupt off until the
    # main task next waits: a command is ended at once, also where it loads a library.
    signal.signal(signal.SIGINT, partial(signal.default_int_handler))
    try:
        # Here, because Ctrl+C may come while modules are loaded.
        from bot.cli.main import main as command

        command()
    except KeyboardInterrupt:
        sys.exit("Aborted!")
    except OSError as error:
        if error.filename is not None:
            raise
        # Flushing the buffer at exit would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"Error: the input or output fails: {error.strerror or error}")


if __name__ == "__main__":
    main()
