"""`make contracts`: write `contracts/` from the code."""

from cli.contracts.files import generate, write

if __name__ == "__main__":
    write(generate())
