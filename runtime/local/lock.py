"""`make lock`: resolve jgo.toml into jgo.lock.toml, every jar with its version and SHA-256 and no host."""

import tempfile
from pathlib import Path

from jgo.env import EnvironmentBuilder, EnvironmentSpec, LockFile, compute_spec_hash
from jgo.maven import MavenContext

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Write jgo.lock.toml beside jgo.toml."""
    source = ROOT / "jgo.toml"
    spec = EnvironmentSpec.load(source)
    with tempfile.TemporaryDirectory() as scratch:
        context = MavenContext(repo_cache=Path(scratch), timeout=60)
        wanted = EnvironmentBuilder(context=context, cache_dir=Path(scratch)).spec_to_dependencies(spec)
        direct, transitive = context.resolver.resolve(wanted)
        lock = LockFile.from_resolved_dependencies(
            [*direct, *transitive], environment_name=spec.name, spec_hash=compute_spec_hash(source)
        )
        lock.save(ROOT / "jgo.lock.toml")


if __name__ == "__main__":
    main()
