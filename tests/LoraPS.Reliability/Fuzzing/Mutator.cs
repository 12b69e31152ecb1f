using System.Text;

namespace LoraPS.Reliability.Fuzzing;

/// <summary>Changes bytes at random: flips, cuts, repeats, and puts in what parsers stumble over.</summary>
/// <param name="random">Decides everything.</param>
/// <param name="tokens">Words of the format.</param>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> tokens)
{
    private const int MostChanges = 8;
    private const int MostRepeats = 2000;
    private const int LongestBlock = 200;

    private static readonly byte[][] Usual =
    [
        .. new[]
        {
            "", "0", "-1", "1e999", "-0.0", "NaN", "null", "true", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "4294967296", "2147483648",
            "\"", "'", "\\", "\\u0000", "\\ud800", "\\udc00\\ud800", "{", "}", "[", "]", "(", ")", ":", ",", "\n", "\r\n", "\t", "\0", "\uFEFF", "\u202E", "e\u0301", "😀", "../", "/etc/passwd", "..\\",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x80], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0x80], [0xff, 0xff, 0xff, 0x7f],
    ];

    /// <summary>A changed copy.</summary>
    /// <param name="seed">What it is made of.</param>
    /// <param name="other">Another input, of which blocks are taken.</param>
    public byte[] Change(byte[] seed, byte[] other)
    {
        var bytes = seed.ToList();
        // Mostly one: what is wrong in many places is refused for the first.
        for (var changes = random.Next(2) == 0 ? 1 : random.Next(1, MostChanges + 1); changes > 0; changes--)
            ChangeOnce(bytes, other);
        return [.. bytes];
    }

    private void ChangeOnce(List<byte> bytes, byte[] other)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, LongestBlock), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0 when length > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when length > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 4 when random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5 when other.Length > 0:
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Next(1, LongestBlock))]);
                break;
            case 6 when random.Next(8) == 0:
                var repeated = Token();
                bytes.InsertRange(at, Enumerable.Repeat(repeated, random.Next(MostRepeats)).SelectMany(token => token));
                break;
            case 7:
                bytes.RemoveRange(at, Math.Min(length, random.Next(1, 12)));
                bytes.InsertRange(at, Token());
                break;
            default:
                bytes.InsertRange(at, Token());
                break;
        }
    }

    private byte[] Token() => tokens.Count > 0 && random.Next(2) == 0 ? tokens[random.Next(tokens.Count)] : Usual[random.Next(Usual.Length)];
}
