using LoraPS.Engine.Formats.Torch;

namespace LoraPS.Engine.Formats;

/// <summary>Opens files of tensors, whichever format they are in: safetensors, or the archives of torch.save (.ckpt, .pt, .bin).</summary>
/// <remarks>The format is told by the first bytes, not by the name. Pickles are read by <see cref="PickleReader"/>, which runs nothing.</remarks>
public static class TensorFile
{
    private const int StartLength = 512;

    /// <summary>Opens a file.</summary>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="UnreadableFileException">The file cannot be opened.</exception>
    /// <exception cref="SafetensorsFormatException">It is of neither format, or damaged.</exception>
    /// <exception cref="TorchFileException">It is of torch.save, and damaged, too old, or asks for more than tensors.</exception>
    public static SafetensorsFile Open(string path) => Open(path, isMapped: true);

    /// <summary>Opens a file of which tensors are copies: one that becomes shorter meanwhile is an error, and not the end of the process.</summary>
    /// <inheritdoc cref="Open(string)" path="/exception"/>
    internal static SafetensorsFile OpenUnmapped(string path) => Open(path, isMapped: false);

    private static SafetensorsFile Open(string path, bool isMapped) => SafetensorsFile.Open(path, ReadHeader, isMapped);

    private static (SafetensorsHeader Header, byte[] Copied) ReadHeader(FileStream stream, string path)
    {
        Span<byte> start = stackalloc byte[StartLength];
        start = start[..stream.ReadAtLeast(start, StartLength, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (TorchFile.IsLegacy(start))
            throw new TorchFileException(TorchFileProblem.Legacy, path, TorchFile.OldForm);
        if (TorchFile.IsBarePickle(start))
            throw TorchFile.Refuse(stream, path);
        if (!TorchFile.IsArchive(start))
            return (SafetensorsHeader.Read(stream, path), []);
        var (tensors, copied) = TorchFile.Read(stream, path);
        return (new(tensors, new Dictionary<string, string>()), copied);
    }
}
