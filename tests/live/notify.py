# Plays the service manager: runs trapline with a notification socket and prints what it is told.
import os, socket, subprocess, sys, tempfile

with tempfile.TemporaryDirectory() as folder:
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(folder + "/notify")
    manager.settimeout(10)
    child = subprocess.Popen([sys.argv[1], "--duration", "100ms", "-e", "interval:s:100 { }"],
                             env=dict(os.environ, NOTIFY_SOCKET=folder + "/notify"), stdout=subprocess.DEVNULL)
    for _ in range(2):
        print(manager.recv(100).decode())
    child.wait()
