"""What the pages need beside the recommendation: form fields, votes, geometry. No decisions."""
