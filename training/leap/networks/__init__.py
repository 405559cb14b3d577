"""The networks whose weights ship, and the TAESD family they are trained against."""
