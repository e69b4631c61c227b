"""Pictures that leave the page: SVG complete in itself, PNG drawn from it, CSV of what it shows."""
