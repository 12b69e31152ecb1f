using System.Text.Json;
using LoraPS.Engine.Models.Clip;

namespace LoraPS.ModelMaker;

/// <summary>The smallest CLIP vocabulary there can be: a token a byte, no merges.</summary>
internal static class ByteTokenizer
{
    private static IReadOnlyList<string> Tokens { get; } = [.. ClipVocabulary.ByteTokens, ClipVocabulary.BeginToken, ClipVocabulary.EndToken];

    /// <summary>Number of tokens.</summary>
    public static int Size => Tokens.Count;

    /// <summary>Writes vocab.json, merges.txt and tokenizer_config.json.</summary>
    /// <param name="folder">The tokenizer folder; made if it is missing.</param>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var ids = Tokens.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        File.WriteAllText(Path.Combine(folder, "vocab.json"), JsonSerializer.Serialize(ids) + "\n");
        File.WriteAllText(Path.Combine(folder, "merges.txt"), "#version: 0.2\n");
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
