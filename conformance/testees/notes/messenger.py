"""The notes' menu program over UDP, as it behaves: without a guard against anything.

Port and address are arguments here; the notes have 65500 and all addresses.
"""
import socket
import sys


def send(sock):
    text = input("text to send: ").encode("utf-8")
    host = input("address of the receiver: ")
    port = int(input("port of the receiver: "))
    sock.sendto(text, (host, port))


def receive(sock):
    data, sender = sock.recvfrom(1024)
    print(data.decode("utf-8"))
    print(sender)


def main():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", int(sys.argv[1])))
    print("*" * 30)
    print("1: send")
    print("2: receive")
    print("*" * 30)
    while True:
        choice = input("please enter a number: ")
        if choice == "1":
            send(sock)
        elif choice == "2":
            receive(sock)
        else:
            print("there is no such function, please try again")


main()
