"""moto's server of Amazon S3 on a port of the loopback interface, one request at a time.

S3 checks the precondition of a write and writes in one step. moto does both one after the other, in as many threads as there
are connections, so that of two writes at the same time both could succeed.
"""

import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

moto = DomainDispatcherApplication(create_backend_app)
turn = threading.Lock()


def one_by_one(environ, start_response):
    with turn:
        return list(moto(environ, start_response))


run_simple("127.0.0.1", int(sys.argv[1]), one_by_one, threaded=True)
