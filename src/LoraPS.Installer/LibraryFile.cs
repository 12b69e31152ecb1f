using System.IO.Compression;
using System.Security.Cryptography;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer;

/// <summary>A library, in one piece or several.</summary>
/// <param name="name">Its file name.</param>
internal sealed class LibraryFile(string name)
{
    private const int BlockSize = 1 << 17;
    private readonly SortedDictionary<int, ZipArchiveEntry> _pieces = [];
    private string? _sha256;

    /// <summary>Its file name.</summary>
    public string Name => name;

    /// <summary>Its size in bytes.</summary>
    public long Length => _pieces.Values.Sum(piece => piece.Length);

    /// <summary>Adds a piece; false where it is there already.</summary>
    /// <param name="number">0 for the beginning or the whole, then the fragments from 1.</param>
    /// <param name="entry">The piece.</param>
    public bool AddPiece(int number, ZipArchiveEntry entry) => _pieces.TryAdd(number, entry);

    /// <summary>Sets SHA-256 of the whole, in hexadecimal; false where it is known already.</summary>
    public bool SetHash(string sha256)
    {
        var first = _sha256 is null;
        _sha256 ??= sha256;
        return first;
    }

    /// <summary>Writes the pieces into one file and checks it.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <param name="written">Is told of every block how many bytes it has.</param>
    /// <param name="stop">Stops the writing.</param>
    /// <exception cref="RuntimeInstallException">A piece is missing, or the whole is not what it should be.</exception>
    public void Write(string folder, Action<long> written, CancellationToken stop)
    {
        CheckPieces();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write))
        {
            foreach (var piece in _pieces.Values)
                Copy(piece, file, hash, written, stop);
        }

        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (_sha256 is not null && !string.Equals(found, _sha256, StringComparison.OrdinalIgnoreCase))
            throw Corrupt($"put together from {_pieces.Count} pieces it has the SHA-256 {found}; expected {_sha256}");
    }

    private void CheckPieces()
    {
        for (var number = 0; number < Math.Max(_pieces.Count, 1); number++)
        {
            if (!_pieces.ContainsKey(number))
                throw Corrupt(number == 0 ? "its beginning is missing" : $"its fragment {number} is missing");
        }

        if (_pieces.Count > 1 && _sha256 is null)
            throw Corrupt("it is in pieces, and nothing says what the whole should be");
    }

    private void Copy(ZipArchiveEntry piece, FileStream file, IncrementalHash hash, Action<long> written, CancellationToken stop)
    {
        using var source = piece.Open();
        var block = new byte[BlockSize];
        var left = piece.Length;
        int read;
        while ((read = source.Read(block)) > 0)
        {
            stop.ThrowIfCancellationRequested();
            // What is announced was compared with the space there is.
            if ((left -= read) < 0)
                throw Corrupt($"it has more than the {piece.Length} bytes that its package announces");
            file.Write(block, 0, read);
            hash.AppendData(block, 0, read);
            written(read);
        }
    }

    private RuntimeInstallException Corrupt(string reason) =>
        new("RuntimePackageCorrupt", $"The library {name} in the packages is damaged: {reason}. Run the command again, or name another feed with -Source.", name);
}
