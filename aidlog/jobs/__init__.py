"""Work that goes on after the answer: solving, mail, exports."""
