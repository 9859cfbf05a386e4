"""reports/index.html: what a run of the gate has proven, layer by layer."""
