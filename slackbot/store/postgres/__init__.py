"""The store in a PostgreSQL database, which several replicas share.

Imported only if DATABASE_URL names one: psycopg is an extra, `slackbot[postgres]`.
"""
