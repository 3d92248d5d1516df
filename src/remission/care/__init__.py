"""What the rules mean for this child."""
