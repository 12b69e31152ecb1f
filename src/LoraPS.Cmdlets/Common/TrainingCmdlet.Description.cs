using System.Collections;
using System.Globalization;
using System.Management.Automation;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Training;

namespace LoraPS.Cmdlets.Common;

/// <content>What files say of themselves, and in which form they are.</content>
public abstract partial class TrainingCmdlet
{
    /// <summary>Free text kept in the file's metadata.</summary>
    [Parameter]
    [Alias("training_comment")]
    public string? TrainingComment { get; set; }

    /// <summary>What files say of the LoRA for people, by field (modelspec.*): title, author, description, license, tags, usage_hint, thumbnail (a picture's path), merged_from, trigger_phrase, preprocessor, is_negative_embedding.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Metadata { get; set; } = [];

    /// <summary>Leave out of files how they were trained; what the network is, and what -Metadata says, stays.</summary>
    [Parameter]
    [Alias("no_metadata")]
    public SwitchParameter NoMetadata { get; set; }

    /// <summary>The form of LoRA files; there is one.</summary>
    [Parameter]
    [Alias("save_model_as")]
    [ValidateSet("safetensors")]
    public string SaveModelAs { get; set; } = "safetensors";

    private TrainingOptions AddDescription(TrainingOptions file) => file with
    {
        TrainingComment = Given(TrainingComment, file.TrainingComment),
        ModelDescription = MakeDescription(file.ModelDescription),
        NoMetadata = Given(NoMetadata, file.NoMetadata),
    };

    private OrderedDictionary<string, string> MakeDescription(IReadOnlyDictionary<string, string> file)
    {
        var description = new OrderedDictionary<string, string>(file);
        foreach (DictionaryEntry entry in Metadata)
        {
            var name = ModelSpecFields.NameOf($"{entry.Key}");
            var value = Convert.ToString(entry.Value, CultureInfo.InvariantCulture) ?? "";
            description[name] = name == ModelSpecFields.Thumbnail && ModelSpecFields.IsPath(value) ? ResolveLiteralPath(value) : value;
        }

        return description;
    }
}
