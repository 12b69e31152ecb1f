using System.Text;

namespace LoraPS.Engine.Runtime;

/// <summary>Reads small files whole, and refuses those that are not small: who gets a file from elsewhere does not know what is in it.</summary>
internal static class BoundedFile
{
    /// <summary>Most bytes of a configuration.</summary>
    public const int ConfigLength = 4 << 20;

    private const int BlockLength = 1 << 16;

    /// <summary>The bytes of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Most bytes that are read.</param>
    /// <exception cref="IOException">It has more, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] ReadBytes(string path, int most)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        return ReadBytes(file, most);
    }

    /// <summary>The bytes of a stream, such as one that is unpacked as it is read.</summary>
    /// <inheritdoc cref="ReadBytes(string, int)"/>
    public static byte[] ReadBytes(Stream stream, int most)
    {
        using var bytes = new MemoryStream();
        var block = new byte[BlockLength];
        while (stream.Read(block) is > 0 and var count)
        {
            if (bytes.Length + count > most)
                throw new IOException($"It has more than the {most} bytes that such a file may have.");
            bytes.Write(block, 0, count);
        }

        return bytes.ToArray();
    }

    /// <summary>A configuration's text; a byte-order mark is left out.</summary>
    /// <inheritdoc cref="ReadBytes(string, int)" path="/exception"/>
    public static string ReadConfig(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path, ConfigLength)), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
