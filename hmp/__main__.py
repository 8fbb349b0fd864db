"""``python -m hmp``: the program."""

from hmp.cli.main import program

if __name__ == "__main__":
    program()
