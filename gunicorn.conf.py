"""What gunicorn reads by itself from the folder it is started in (the rest stands in its command).

An access line, where one is asked for (--access-logfile -): no query string, no referring address
and no browser's name, for they hold search words and people. The last is the number of the request.
"""

access_log_format = "%(h)s %(m)s %(U)s %(s)s %(B)s %(L)ss %({x-request-id}o)s"
