package io.tallymq.amqp.socket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;

/** What the operating system knows of octets that were sent and not acknowledged by the client's machine. */
public final class Retransmission {
    private Retransmission() {}

    /** The client's machine has not acknowledged what was sent, so that it is being sent again. False where that can't be told. */
    public static boolean isOn(Channel channel) {
        try {
            return channel instanceof EpollSocketChannel socket
                    && socket.isOpen()
                    && socket.tcpInfo().retransmits() > 0;
        } catch (ChannelException e) {
            return false; // closed meanwhile
        }
    }

    /** From now on closing the socket throws away what is not acknowledged, and tells the client so. */
    public static void giveUp(Channel channel) {
        if (channel instanceof EpollSocketChannel socket && socket.isOpen()) {
            socket.config().setSoLinger(0);
        }
    }
}
