package io.tallymq.amqp.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/** What goes to a client is whole frames. */
class SocketOutputTest {
    private final ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter();
    private final EmbeddedChannel channel = new EmbeddedChannel(handler);
    private final SocketOutput outbox = new SocketOutput(channel.pipeline().context(handler), 1_000);

    private void write(int octet) {
        outbox.buffer().writeByte(octet);
        outbox.written();
    }

    private String sent() {
        outbox.flush();
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(ByteBufUtil.hexDump(out));
            out.release();
        }
        return all.toString();
    }

    /** Who was to write it has thrown; connection.close follows, and the client has to understand that. */
    @Test
    void aFrameThatWasNotWrittenToItsEndDoesNotGoOut() {
        write(1);
        outbox.buffer().writeInt(0xbad);
        write(2);
        outbox.buffer().writeInt(0xbad);
        assertEquals("0102", sent());
        outbox.buffer().writeInt(0xbad);
        assertEquals("", sent());
        outbox.buffer().writeInt(0xbad);
        write(3);
        assertEquals("03", sent());
    }
}
