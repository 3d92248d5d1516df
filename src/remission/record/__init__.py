"""The front door: what somebody typed or a file says becomes facts, with unit, date and the reason for absence kept."""
