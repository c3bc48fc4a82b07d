"""What people do in their chats, and the updates that follow."""
