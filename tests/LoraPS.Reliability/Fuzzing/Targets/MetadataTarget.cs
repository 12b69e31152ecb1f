using System.Text;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Tests;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>What LoRA files say of themselves: JSON in texts, texts where numbers belong.</summary>
internal sealed class MetadataTarget : FuzzTarget
{
    private static readonly string[] Keys =
    [
        LoraMetadata.TagFrequencyKey, LoraMetadata.NetworkArgsKey, LoraMetadata.NetworkDimKey, LoraMetadata.NetworkAlphaKey, LoraMetadata.BaseModelVersionKey, LoraMetadata.NetworkModuleKey,
        LoraMetadata.CommentKey, "modelspec.title", "modelspec.trigger_phrase", "ss_trigger_words", "sshs_model_hash", "lora_adapter_metadata", "ss_training_started_at", "ss_bucket_info", "ss_dataset_dirs", "loraps.merge",
    ];

    private readonly byte[] _file = File.ReadAllBytes(TestFiles.Fixture("merge/A.safetensors"));

    public override string Name => "metadata";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8(
        "{\"10_cat\": {\"cat\": 10, \"sitting\": 3}, \"5_dog\": {\"dog\": \"7\"}}",
        "{\"conv_dim\": \"4\", \"conv_alpha\": \"1.0\", \"down_lr_weight\": \"1,1,1\"}",
        "{\"unet.r\": 4, \"unet.lora_alpha\": 2, \"unet.target_modules\": [\"to_q\"], \"unet.rank_pattern\": {\"a\": 3}}",
        "4", "1e-3", "sd_v1", "networks.lora", "[[1, 2], {\"a\": null}]");

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8("{\"", "\": {\"", "\": 1", "Infinity", "99999999999999999999", "{\"a\":", "[[", "\":\"", "1e308");

    public override void Try(byte[] input, string folder)
    {
        var path = Path.Combine(folder, "x.safetensors");
        var text = Encoding.UTF8.GetString(input);
        using (var file = SafetensorsFile.Open(Write(folder, "a.safetensors", _file)))
        {
            var metadata = Keys.Select((key, i) => (key, value: i % 2 == input.Length % 2 ? text : file.Metadata.GetValueOrDefault(key, "1"))).ToDictionary(pair => pair.key, pair => pair.value);
            LoraMetadataEditor.Edit(Path.Combine(folder, "a.safetensors"), path, new() { Set = metadata.Where(pair => !pair.Key.StartsWith("sshs_", StringComparison.Ordinal)).ToDictionary(), Overwrite = true });
        }

        var lora = LoraFile.Read(path);
        _ = (lora.ToString(), lora.TriggerWords.Count, new LoraMetadata(lora.Metadata).TagFrequency().Count);
        LoraCheck.Check(path);
        LoraConverter.Convert(path, Path.Combine(folder, "converted.safetensors"), LoraFormat.Peft, new() { Overwrite = true });
        LoraConverter.Convert(Path.Combine(folder, "converted.safetensors"), Path.Combine(folder, "back.safetensors"), LoraFormat.Kohya, new() { Overwrite = true });
    }
}
