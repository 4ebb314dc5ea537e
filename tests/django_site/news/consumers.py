from channels.generic.websocket import AsyncWebsocketConsumer


class Echo(AsyncWebsocketConsumer):
    """Sends back what it gets, texts as texts and bytes as bytes. Two texts are commands: `who`
    answers the name of the session's user, `close N` closes with that code."""

    async def connect(self):
        offered = self.scope["subprotocols"]
        await self.accept("newsroom" if "newsroom" in offered else None)

    async def receive(self, text_data=None, bytes_data=None):
        if text_data is None:
            await self.send(bytes_data=bytes_data)
        elif text_data == "who":
            await self.send(self.scope["user"].get_username() or "nobody")
        elif text_data.startswith("close "):
            await self.close(int(text_data.split()[1]))
        else:
            await self.send(text_data)
