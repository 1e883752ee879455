//! A simulator of the Google Cloud APIs that anu uses: on the loopback interface, with state in memory.
