using System.IO.Compression;
using System.Text;
using System.Text.Json;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Reads and checks the files a CLIP vocabulary comes in.</summary>
internal static class VocabularyReader
{
    private const int MaxLength = 32 << 20;
    private const int MaxId = 1 << 24;

    private static readonly JsonSerializerOptions Strict = new() { AllowDuplicateProperties = false };

    private static IReadOnlyList<string> AlwaysThere { get; } = [.. ClipVocabulary.ByteTokens, ClipVocabulary.BeginToken, ClipVocabulary.EndToken];

    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    /// <summary>Reads tokens and ids from one file and merges from another.</summary>
    public static ClipVocabulary ReadPair(string idsPath, string mergesPath)
    {
        var ids = ReadIds(idsPath);
        var merges = new OrderedDictionary<string, int>();
        foreach (var merge in ReadMerges(mergesPath))
        {
            if (merge.Parts.Append(merge.Whole).FirstOrDefault(token => !ids.ContainsKey(token)) is { } unknown)
                throw merge.Wrong($"the token \"{unknown}\" is not in {idsPath}. Both files must come from one tokenizer");
            if (!merges.TryAdd(merge.Text, merge.Number))
                throw merge.Wrong($"the same as line {merges[merge.Text]}");
        }

        if (ids.Count > merges.Count + AlwaysThere.Count)
            throw new TokenizerFormatException(mergesPath, null, $"its {merges.Count} merges cannot make the {ids.Count} tokens of {idsPath}: it is cut short, or comes from another tokenizer");
        return new ClipVocabulary(ids, [.. merges.Keys]);
    }

    /// <summary>Reads a list of merges alone; ids follow from the order: bytes, bytes that end a word, merges, begin, end.</summary>
    public static ClipVocabulary ReadMergeList(string path)
    {
        var ids = new Dictionary<string, int>(ClipVocabulary.MergeCount + AlwaysThere.Count);
        foreach (var token in ClipVocabulary.ByteTokens)
            ids.Add(token, ids.Count);

        var merges = new List<string>(ClipVocabulary.MergeCount);
        foreach (var merge in ReadMerges(path))
        {
            if (merge.Parts.FirstOrDefault(token => !ids.ContainsKey(token)) is { } unknown)
                throw merge.Wrong($"no line above makes the token \"{unknown}\"");
            if (!ids.TryAdd(merge.Whole, ids.Count))
                throw merge.Wrong($"the token \"{merge.Whole}\" is made a second time");
            merges.Add(merge.Text);
        }

        if (merges.Count < ClipVocabulary.MergeCount)
            throw new TokenizerFormatException(path, null, $"it has {merges.Count} of the {ClipVocabulary.MergeCount} merges");
        ids.Add(ClipVocabulary.BeginToken, ids.Count);
        ids.Add(ClipVocabulary.EndToken, ids.Count);
        return new ClipVocabulary(ids, merges);
    }

    private static Dictionary<string, int> ReadIds(string path)
    {
        var ids = ParseIds(path);
        string[] missing = [.. AlwaysThere.Where(token => !ids.ContainsKey(token))];
        if (missing.Length > 0)
            throw new TokenizerFormatException(path, null, $"{missing.Length} tokens that every CLIP vocabulary has are missing: {string.Join(' ', missing.Take(8))}");
        var owners = new Dictionary<int, string>(ids.Count);
        foreach (var (token, id) in ids)
        {
            if (id is < 0 or > MaxId)
                throw new TokenizerFormatException(path, null, $"the id of \"{token}\" is {(id < 0 ? "negative" : $"above {MaxId}")}");
            if (!owners.TryAdd(id, token))
                throw new TokenizerFormatException(path, null, $"the tokens \"{owners[id]}\" and \"{token}\" have the same id, {id}");
        }

        return ids;
    }

    private static Dictionary<string, int> ParseIds(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, int>>(WithoutMark(Read(path)), Strict) ?? [];
        }
        catch (JsonException e)
        {
            throw new TokenizerFormatException(path, e.LineNumber + 1, "not a JSON object of tokens and whole numbers", e);
        }
    }

    /// <summary>The merges of a file; its first line is a header.</summary>
    private static IEnumerable<MergeLine> ReadMerges(string path)
    {
        var number = 1;
        foreach (var line in ReadLines(path).Skip(1).Take(ClipVocabulary.MergeCount))
        {
            number++;
            if (line.Length > 0)
                yield return MergeLine.Parse(path, number, line);
        }
    }

    private static IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(new MemoryStream(Read(path)), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    /// <summary>All bytes of a file, unpacked; a small file may unpack to any size.</summary>
    private static byte[] Read(string path)
    {
        try
        {
            var bytes = BoundedFile.ReadBytes(path, MaxLength);
            return bytes.AsSpan().StartsWith(GzipMagic) ? BoundedFile.ReadBytes(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress), MaxLength) : bytes;
        }
        catch (InvalidDataException e)
        {
            throw new TokenizerFormatException(path, null, "the packed data are damaged", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not FileNotFoundException))
        {
            throw new TokenizerFormatException(path, null, $"it cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) => utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
}
