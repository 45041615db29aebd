package io.tallymq.amqp.socket;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;

/** A socket whose client reads when it is told so. */
public final class SlowSocket extends EmbeddedChannel {
    private int takes;

    public SlowSocket(ChannelHandler handler) {
        super(handler);
    }

    /** It takes so many of the writes that wait for it, or come. */
    public void takes(int writes) {
        takes = writes;
        flush();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        while (takes > 0 && in.current() != null) {
            takes--;
            in.remove();
        }
    }
}
