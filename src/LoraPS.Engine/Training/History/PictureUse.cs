using System.Text.Json.Serialization;

namespace LoraPS.Engine.Training.History;

/// <summary>What a picture is for in a run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PictureUse>))]
public enum PictureUse
{
    /// <summary>It is learned.</summary>
    Training,

    /// <summary>It keeps the model from forgetting what is like it.</summary>
    Regularization,

    /// <summary>The loss is measured on it.</summary>
    Validation,
}
