/** What nodes tell each other of their clients' counters when somebody asks one of them about all. */
package io.tallymq.node.traffic;
