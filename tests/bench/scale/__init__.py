"""How far the refund service scales, what breaks first and what a refund costs."""
