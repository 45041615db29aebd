package io.tallymq.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tallymq.timer.SparseLog;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Which addresses count as one, and what is left of them. */
class NewcomersByAddressTest {
    private final SparseLog log = new SparseLog(LoggerFactory.getLogger(NewcomersByAddressTest.class));
    private final Newcomers newcomers = new Newcomers(1, "a.key", log);

    private EmbeddedChannel admitted(String address) {
        EmbeddedChannel channel = new EmbeddedChannel();
        assertTrue(newcomers.admits(channel, new InetSocketAddress(address, 1)), address);
        return channel;
    }

    private void refused(String address) {
        assertFalse(newcomers.admits(new EmbeddedChannel(), new InetSocketAddress(address, 2)), address);
    }

    @Test
    void aNetworkOfIpv6AndThisMachineAreOneAddress() {
        admitted("10.0.0.1");
        admitted("10.0.0.2");
        refused("10.0.0.1");
        refused("::ffff:10.0.0.2");
        admitted("2001:db8:1:2::1");
        refused("2001:db8:1:2:ffff::1");
        admitted("2001:db8:1:3::1");
        admitted("127.0.0.1");
        refused("127.255.0.1");
        refused("::1");
        assertEquals(5, newcomers.count());
        assertEquals(5, newcomers.addresses());
        assertEquals(5, newcomers.refused());
        assertEquals(5, log.total());
    }

    @Test
    void anAddressIsForgottenWithItsLastNewcomer() {
        EmbeddedChannel ends = admitted("10.0.0.1");
        EmbeddedChannel logsIn = admitted("10.0.0.2");
        ends.close();
        newcomers.left(logsIn);
        assertEquals(0, newcomers.addresses());
        EmbeddedChannel next = admitted("10.0.0.2");
        logsIn.close();
        refused("10.0.0.2"); // its end counts once
        next.close();
        assertEquals(0, newcomers.addresses());
    }
}
