"""What the service reaches: the table, the queue and the payment gateway.

Foreign errors are translated here, once. It may import the domain; events and HTTP
responses of our own API stay out.
"""
