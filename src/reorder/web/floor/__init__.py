"""The screens of handhelds: what is to do, one task at a time, scans taken in, also without Wi-Fi."""
