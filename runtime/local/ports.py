"""Ports on loopback that a server of ours can have."""

import random
from pathlib import Path
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

import psutil

from runtime.local.errors import StartError


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens, below the range that the kernel gives to outgoing connections.

    From that range a client that reconnects to a broker which is away could connect to itself and hold its port.
    """
    text = Path("/proc/sys/net/ipv4/ip_local_port_range")
    ceiling = int(text.read_text(encoding="ascii").split()[0]) if text.exists() else 32768
    candidates = random.SystemRandom().sample(range(10_240, max(ceiling, 12_000)), 200)
    free = [port for port in candidates if port_is_free(port)][:count]
    if len(free) < count:
        raise StartError(f"no {count} free ports between 10240 and {ceiling} on 127.0.0.1: stop what holds them")
    return free


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True when a server could listen there now."""
    with socket(AF_INET, SOCK_STREAM) as probe:
        probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def listens(pid: int, port: int) -> bool:
    """True when this very process owns the port: who merely answers there may be a stranger."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections)
