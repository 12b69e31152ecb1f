using System.Text.Json;
using LoraPS.Engine.Models.Clip;

namespace LoraPS.ModelMaker;

/// <summary>The files of a CLIP vocabulary: a token a byte, and what pairs of tokens are merged into.</summary>
public static class TokenizerFiles
{
    /// <summary>Number of tokens of the smallest vocabulary there can be, which merges nothing.</summary>
    public static int SmallestSize => ClipVocabulary.ByteTokens.Count + 2;

    /// <summary>Writes vocab.json, merges.txt and tokenizer_config.json.</summary>
    /// <param name="folder">The tokenizer folder; made if it is missing.</param>
    /// <param name="merges">Pairs of tokens with one space between, the first to merge first.</param>
    public static void Write(string folder, IReadOnlyList<string> merges)
    {
        Directory.CreateDirectory(folder);
        string[] tokens = [.. ClipVocabulary.ByteTokens, .. merges.Select(pair => pair.Replace(" ", "", StringComparison.Ordinal)), ClipVocabulary.BeginToken, ClipVocabulary.EndToken];
        // Two ways to put a token together make one token.
        var ids = tokens.Distinct().Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        File.WriteAllText(Path.Combine(folder, "vocab.json"), JsonSerializer.Serialize(ids) + "\n");
        File.WriteAllLines(Path.Combine(folder, "merges.txt"), ["#version: 0.2", .. merges]);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), $$"""
            {
              "tokenizer_class": "CLIPTokenizer",
              "bos_token": "{{ClipVocabulary.BeginToken}}",
              "eos_token": "{{ClipVocabulary.EndToken}}",
              "unk_token": "{{ClipVocabulary.EndToken}}",
              "pad_token": "{{ClipVocabulary.EndToken}}",
              "model_max_length": 77
            }

            """);
    }
}
